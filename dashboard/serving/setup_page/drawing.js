// Line, areas, faces and paths over the picture. All places are shares of its width and height, from 0 to 1.

const SVG = 'http://www.w3.org/2000/svg';
const STEP = 0.01;
const SMALL_STEP = 0.002;
const ARROW_PX = 58;
const TOUCH_PX = 22;
const HANDLE_PX = 9;
const CORNER_PX = 6;

const kept = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;

function element(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export class Drawing {
  constructor(svg, changed) {
    this.svg = svg;
    this.changed = changed;
    this.layers = ['paths', 'areas', 'faces', 'line', 'handles'].map((name) => element('g', { 'data-layer': name }));
    this.svg.append(...this.layers);
    this.line = null;
    this.areas = [];
    this.chosen = -1;
    this.faces = [];
    this.paths = [];
    new ResizeObserver(() => this.draw()).observe(svg);
  }

  load(line, areas) {
    this.line = line && line.map((point) => [...point]);
    this.areas = areas.map((area) => area.map((point) => [...point]));
    this.chosen = this.areas.length - 1;
    this.draw();
  }

  see(faces, paths) {
    this.faces = faces;
    this.paths = paths;
    this.drawSeen();
  }

  // Where people are in: the right hand of who stands at the first end and looks to the second, as the counting has it.
  arrow() {
    const [[ax, ay], [bx, by]] = this.line.map((point) => this.pixel(point));
    const length = Math.hypot(bx - ax, by - ay) || 1;
    const middle = [(ax + bx) / 2, (ay + by) / 2];
    return [middle, [middle[0] - ((by - ay) / length) * ARROW_PX, middle[1] + ((bx - ax) / length) * ARROW_PX]];
  }

  way() {
    const [[fromX, fromY], [toX, toY]] = this.arrow();
    const [dx, dy] = [toX - fromX, toY - fromY];
    const words = [];
    if (Math.abs(dy) > ARROW_PX / 3) words.push(dy > 0 ? 'down the picture' : 'up the picture');
    if (Math.abs(dx) > ARROW_PX / 3) words.push(dx > 0 ? 'to the right' : 'to the left');
    return words.join(' and ');
  }

  turn() {
    this.line.reverse();
    this.tell();
  }

  addArea() {
    this.areas.push([[0.4, 0.35], [0.6, 0.35], [0.6, 0.65], [0.4, 0.65]]);
    this.chosen = this.areas.length - 1;
    this.tell();
  }

  removeArea() {
    this.areas.splice(this.chosen, 1);
    this.chosen = this.areas.length - 1;
    this.tell();
  }

  addCorner() {
    const area = this.areas[this.chosen];
    const sides = area.map((point, index) => {
      const next = area[(index + 1) % area.length];
      return { index, point, next, length: Math.hypot(next[0] - point[0], next[1] - point[1]) };
    });
    const longest = sides.reduce((best, side) => (side.length > best.length ? side : best));
    const between = [0, 1].map((axis) => kept((longest.point[axis] + longest.next[axis]) / 2));
    area.splice(longest.index + 1, 0, between);
    this.tell();
  }

  tell() {
    this.draw();
    this.changed();
  }

  pixel([x, y]) {
    return [x * this.svg.clientWidth, y * this.svg.clientHeight];
  }

  draw() {
    const [, areas, , line, handles] = this.layers;
    const focused = document.activeElement?.dataset?.handle;
    areas.replaceChildren(...this.areas.map((area, index) => this.areaShape(area, index)));
    line.replaceChildren(...(this.line ? this.lineShapes() : []));
    const points = [];
    if (this.line) points.push(...this.line.map((point, end) => this.handle(point, `line-${end}`, `End ${end + 1} of the counting line`)));
    const area = this.areas[this.chosen] ?? [];
    points.push(...area.map((point, at) => this.handle(point, `area-${at}`, `Corner ${at + 1} of area ${this.chosen + 1}`, at)));
    handles.replaceChildren(...points);
    if (focused) handles.querySelector(`[data-handle="${focused}"]`)?.focus();
    this.drawSeen();
  }

  drawSeen() {
    const [paths, , faces] = this.layers;
    const shown = (points) => points.map((point) => this.pixel(point).map((value) => value.toFixed(1)).join(',')).join(' ');
    paths.replaceChildren(...this.paths.map((path) => element('polyline', { class: 'path', points: shown(path) })));
    faces.replaceChildren(...this.faces.flatMap(({ box: [left, top, right, bottom], px, sure }) => {
      const [x, y] = this.pixel([left, top]);
      const [toX, toY] = this.pixel([right, bottom]);
      return [
        element('rect', { class: sure ? 'face' : 'face weak', x, y, width: toX - x, height: toY - y }),
        element('text', { class: 'size', x, y: Math.max(14, y - 5) }, `${px} px`),
      ];
    }));
  }

  lineShapes() {
    const [[ax, ay], [bx, by]] = this.line.map((point) => this.pixel(point));
    const [[fromX, fromY], [toX, toY]] = this.arrow();
    const [dx, dy] = [(toX - fromX) / ARROW_PX, (toY - fromY) / ARROW_PX];
    const barb = (side) => `M${toX} ${toY}L${toX - 14 * dx - side * 9 * dy} ${toY - 14 * dy + side * 9 * dx}`;
    const way = `M${ax} ${ay}L${bx} ${by}M${fromX} ${fromY}L${toX} ${toY}${barb(1)}${barb(-1)}`;
    const place = { x: Math.min(Math.max(toX + 10 * dx, 30), this.svg.clientWidth - 30) };
    place.y = Math.min(Math.max(toY + 18 * dy + 5, 16), this.svg.clientHeight - 6);
    place['text-anchor'] = Math.abs(dx) < 0.5 ? 'middle' : dx > 0 ? 'start' : 'end';
    return [
      element('path', { class: 'under', d: way }),
      element('path', { class: 'over', d: way }),
      element('text', { class: 'inside', ...place }, 'inside'),
    ];
  }

  areaShape(area, index) {
    const points = area.map((point) => this.pixel(point).join(',')).join(' ');
    const shape = element('polygon', { class: index === this.chosen ? 'area chosen' : 'area', points });
    shape.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      this.chosen = index;
      const grabbed = this.share(event);
      const before = this.areas[index].map((point) => [...point]);
      this.follow(event, ([x, y]) => {
        const limit = (axis, by) => Math.max(-Math.min(...before.map((p) => p[axis])), Math.min(1 - Math.max(...before.map((p) => p[axis])), by));
        const by = [limit(0, x - grabbed[0]), limit(1, y - grabbed[1])];
        this.areas[index] = before.map((point) => [kept(point[0] + by[0]), kept(point[1] + by[1])]);
      });
    });
    return shape;
  }

  handle(point, name, label, corner = null) {
    const [x, y] = this.pixel(point);
    const said = `${label}: ${Math.round(point[0] * 100)} % from the left, ${Math.round(point[1] * 100)} % from the top`;
    const made = element(
      'g', { class: corner === null ? 'handle' : 'handle corner', tabindex: 0, role: 'button', 'aria-label': said, 'data-handle': name },
      element('circle', { cx: x, cy: y, r: TOUCH_PX }), element('circle', { cx: x, cy: y, r: corner === null ? HANDLE_PX : CORNER_PX }),
    );
    made.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      made.focus();
      this.follow(event, ([toX, toY]) => this.move(point, toX, toY));
    });
    made.addEventListener('keydown', (event) => this.key(event, point, corner));
    return made;
  }

  move(point, x, y) {
    const before = [...point];
    point[0] = kept(x);
    point[1] = kept(y);
    const [first, second] = this.line ?? [[0, 0], [1, 1]];
    if (first[0] === second[0] && first[1] === second[1]) [point[0], point[1]] = before; // a line has a length
  }

  key(event, point, corner) {
    const step = event.shiftKey ? SMALL_STEP : STEP;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (moves[event.key]) {
      this.move(point, point[0] + moves[event.key][0], point[1] + moves[event.key][1]);
    } else if (event.key === 'Delete' && corner !== null) {
      if (this.areas[this.chosen].length > 3) this.areas[this.chosen].splice(corner, 1);
      else return this.removeArea();
    } else {
      return;
    }
    event.preventDefault();
    this.tell();
  }

  share(event) {
    const frame = this.svg.getBoundingClientRect();
    return [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
  }

  // The whole window hears the pointer until it is let go of: what was grabbed is drawn anew with every move.
  follow(event, moved) {
    const id = event.pointerId;
    const onMove = (next) => {
      if (next.pointerId !== id) return;
      moved(this.share(next));
      this.tell();
    };
    const onEnd = (next) => {
      if (next.pointerId !== id) return;
      for (const name of ['pointerup', 'pointercancel']) window.removeEventListener(name, onEnd);
      window.removeEventListener('pointermove', onMove);
    };
    window.addEventListener('pointermove', onMove);
    for (const name of ['pointerup', 'pointercancel']) window.addEventListener(name, onEnd);
    this.tell();
  }
}
