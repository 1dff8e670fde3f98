// Sends a count in pieces until the server has acknowledged every tap. A piece that is sent twice is stored once.

const MOST_AT_ONCE = 100;
const PATIENCE_MS = 15000;
const AGAIN_MS = [1000, 2000, 4000, 8000, 15000];

export class RefusedError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// Ask the server; every answer tells how far its clock is from this one. No answer is a TypeError or AbortError.
export async function ask(path, clock, message) {
  const sent = clock.now();
  const response = await fetch(path, {
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(message === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(message) }),
  });
  const answer = await response.json().catch(() => ({ error: "The server had a fault. What you tapped is kept and sent again." }));
  if (!response.ok) throw new RefusedError(response.status, answer.error);
  clock.measure(
    sent,
    clock.now(),
    Number(response.headers.get("x-footfall-received") ?? NaN),
    Number(response.headers.get("x-footfall-answered") ?? NaN),
  );
  return answer;
}

export class Sender {
  // `changed(result, error)` is called after every attempt.
  constructor(count, changed) {
    this.count = count;
    this.changed = changed;
    this.failures = 0;
    this.timer = null;
    this.busy = false;
    this.stopped = false;
    window.addEventListener("online", () => this.soon(0));
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  soon(after_ms = 300) {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), after_ms);
  }

  async send() {
    if (this.busy || this.stopped || this.count.settled()) return;
    this.busy = true;
    let result = null;
    let error = null;
    try {
      // Without knowing the server's clock nothing can be placed.
      if (this.count.clock.unknown()) await ask("places", this.count.clock);
      result = await this.sendPiece();
      this.failures = 0;
    } catch (caught) {
      error = caught;
      this.failures += 1;
    }
    this.busy = false;
    if (this.stopped) return;
    this.count.keep();
    this.changed(result, error);
    const refused = error instanceof RefusedError && error.status === 422;
    if (!this.count.settled() && !refused) {
      this.soon(this.failures === 0 ? 300 : AGAIN_MS[Math.min(this.failures, AGAIN_MS.length) - 1]);
    }
  }

  async sendPiece() {
    const { about, clock } = this.count;
    const waiting = this.count.waiting();
    const piece = waiting.slice(0, MOST_AT_ONCE).map((tap) => ({ ...tap }));
    const ended = about.end;
    const last = waiting.length <= MOST_AT_ONCE;
    const answer = await ask("taps", clock, {
      uid: about.uid,
      site: about.site,
      entrance: about.entrance,
      camera: about.camera,
      auditor: about.auditor,
      started_ms: about.start.at_ms,
      started_offset_ms: clock.offset(about.start.era),
      ended_ms: last && ended !== null ? ended.at_ms : null,
      offset_ms: clock.offset((ended ?? clock.now()).era),
      last,
      taps: piece.map(({ number, revision, kind, at_ms, era, gender, age, undone }) => ({
        number, revision, kind, at_ms, offset_ms: clock.offset(era), gender, age, undone,
      })),
    });
    about.sent_start = true;
    if (last && ended !== null) about.sent_end = true;
    for (const [number, revision] of answer.acknowledged) {
      const tap = this.count.taps[number - 1];
      tap.sent = Math.max(tap.sent, revision);
      this.count.keepTap(tap);
    }
    return answer.result;
  }
}
