// One count by hand as this phone keeps it: every tap is written down before anything else happens with it.

const COUNT_KEY = "footfall-audit";
const TAP_KEY = "footfall-audit-tap-";
const CLOCK_JUMP_MS = 1000;

export function newUid() {
  // crypto.randomUUID exists over HTTPS only.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// The phone's clock may be wrong, and may be put right while it counts. Between two jumps (an era) its distance from the
// server's clock stays what was measured; a tap is placed by the distance of its own era, else by the newest known one.
export class Clock {
  constructor(eras = [{ offset_ms: null, trip_ms: null }]) {
    this.eras = eras;
    this.steady_ms = Date.now() - performance.now();
  }

  now() {
    const steady_ms = Date.now() - performance.now();
    if (Math.abs(steady_ms - this.steady_ms) > CLOCK_JUMP_MS) this.eras.push({ offset_ms: null, trip_ms: null });
    this.steady_ms = steady_ms;
    return { at_ms: Math.round(Date.now()), era: this.eras.length - 1 };
  }

  // `sent` and `back` are moments of this clock, the other two of the server's.
  measure(sent, back, received_ms, answered_ms) {
    if (sent.era !== back.era || !Number.isFinite(received_ms) || !Number.isFinite(answered_ms)) return;
    const trip_ms = back.at_ms - sent.at_ms - (answered_ms - received_ms);
    const era = this.eras[back.era];
    const offset_ms = Math.round((received_ms - sent.at_ms + answered_ms - back.at_ms) / 2);
    if (era.trip_ms === null || trip_ms <= era.trip_ms) Object.assign(era, { offset_ms, trip_ms });
  }

  // Whether the server has to be asked how far its clock is from this one.
  unknown() {
    return this.eras[this.now().era].offset_ms === null;
  }

  offset(era) {
    const known = this.eras.slice(0, era + 1).reverse().concat(this.eras.slice(era + 1));
    return known.find((one) => one.offset_ms !== null)?.offset_ms ?? null;
  }
}

export class Count {
  constructor(about, taps) {
    this.about = about;
    this.taps = taps;
    this.clock = new Clock(about.eras);
  }

  static begin(place, auditor, clock) {
    const start = clock.now();
    const about = { uid: newUid(), ...place, auditor, start, end: null, sent_start: false, sent_end: false, eras: clock.eras };
    const count = new Count(about, []);
    count.keep();
    return count;
  }

  static resume() {
    const about = JSON.parse(localStorage.getItem(COUNT_KEY) ?? "null");
    if (about === null) return null;
    about.eras.push({ offset_ms: null, trip_ms: null }); // the clock may have been put right while the page was closed
    const taps = [];
    for (let number = 1; ; number += 1) {
      const kept = localStorage.getItem(TAP_KEY + number);
      if (kept === null) return new Count(about, taps);
      taps.push(JSON.parse(kept));
    }
  }

  keep() {
    localStorage.setItem(COUNT_KEY, JSON.stringify({ ...this.about, eras: this.clock.eras }));
  }

  keepTap(tap) {
    localStorage.setItem(TAP_KEY + tap.number, JSON.stringify(tap));
  }

  forget() {
    for (const tap of this.taps) localStorage.removeItem(TAP_KEY + tap.number);
    localStorage.removeItem(COUNT_KEY);
  }

  tap(kind) {
    const tap = { number: this.taps.length + 1, kind, ...this.clock.now(), gender: null, age: null, undone: false, revision: 1, sent: 0 };
    this.keepTap(tap);
    this.taps.push(tap);
    return tap;
  }

  change(tap, changes) {
    Object.assign(tap, changes, { revision: tap.revision + 1 });
    this.keepTap(tap);
  }

  people() {
    return this.taps.filter((tap) => !tap.undone && (tap.kind === "in" || tap.kind === "out"));
  }

  last() {
    return this.people().at(-1) ?? null;
  }

  paused() {
    return this.taps.findLast((tap) => tap.kind === "pause" || tap.kind === "resume")?.kind === "pause";
  }

  end() {
    this.about.end = this.clock.now();
    this.keep();
  }

  placed(moment) {
    return moment.at_ms + (this.clock.offset(moment.era) ?? 0);
  }

  // How long was counted, in milliseconds: without the pauses.
  running_ms() {
    let total_ms = 0;
    let begin_ms = this.placed(this.about.start);
    for (const tap of this.taps) {
      if (tap.kind === "pause" && begin_ms !== null) {
        total_ms += this.placed(tap) - begin_ms;
        begin_ms = null;
      } else if (tap.kind === "resume" && begin_ms === null) begin_ms = this.placed(tap);
    }
    if (begin_ms !== null) total_ms += this.placed(this.about.end ?? this.clock.now()) - begin_ms;
    return Math.max(0, total_ms);
  }

  waiting() {
    return this.taps.filter((tap) => tap.sent < tap.revision);
  }

  settled() {
    return this.about.sent_start && this.waiting().length === 0 && (this.about.end === null || this.about.sent_end);
  }
}
