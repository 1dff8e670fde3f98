// Chooses a camera, looks through it for a minute, and writes what was drawn into the settings.

import { Drawing } from './drawing.js';

const ASK_EVERY_MS = 500;
const USUAL_LINE = [[0.1, 0.6], [0.9, 0.6]];
const byId = (name) => document.getElementById(name);
const state = { cameras: [], version: '', look: null, busy: false, unsaved: false };
const drawing = new Drawing(byId('drawing'), () => {
  state.unsaved = true;
  byId('saved').textContent = '';
  showDrawn();
  if (!state.look && state.last) ask(state.last).catch(() => {}); // who was seen is judged by what is drawn now
});

async function send(path, message) {
  let answer;
  try {
    answer = await fetch(path, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(message),
      credentials: 'same-origin', cache: 'no-store',
    });
  } catch {
    throw new Error('The dashboard does not answer; is the network there?');
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error ?? `The dashboard answered ${answer.status}.`);
  return told;
}

function trouble(sentence) {
  byId('trouble').textContent = sentence;
  byId('trouble').hidden = !sentence;
}

function plural(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

// TOML as the settings have it.
function asText() {
  const point = ([x, y]) => `[${[x, y].map((value) => (Number.isInteger(value) ? value.toFixed(1) : value)).join(', ')}]`;
  const list = (points) => `[${points.map(point).join(', ')}]`;
  const camera = byId('camera').value;
  const lines = [`[cameras.${camera}]`, drawing.line ? `line = ${list(drawing.line)}` : '# no line'];
  if (drawing.areas.length) lines.push(`ignore = [${drawing.areas.map(list).join(', ')}]`);
  return lines.join('\n');
}

function showDrawn() {
  const number = drawing.areas.length;
  byId('way').textContent = drawing.line
    ? `Coming in is passing ${drawing.way()}.`
    : 'No line: everybody who is seen counts as coming in, those going out among them.';
  byId('line').textContent = drawing.line ? 'Remove the line' : 'Draw a line';
  byId('turn').disabled = !drawing.line;
  byId('areas').textContent = number ? `${plural(number, 'area', 'areas')}; area ${drawing.chosen + 1} is chosen.` : 'None.';
  byId('add-corner').disabled = byId('remove-area').disabled = !number;
  byId('text').textContent = asText();
  if (!drawing.line) byId('crossed').textContent = '';
}

function showSeen(told) {
  const { people, crossed } = told;
  drawing.see(told.over ? [] : told.faces, told.paths);
  if (told.picture) {
    byId('picture').src = told.picture;
    byId('picture').hidden = false;
    byId('empty').hidden = true;
    const shape = `${told.size[0]} / ${told.size[1]}`;
    if (byId('stage').style.aspectRatio !== shape) byId('stage').style.aspectRatio = shape;
  }
  byId('people').hidden = !told.size[0];
  const said = [`${plural(people.followed, 'person', 'people')} seen, ${people.counted} of them would be counted.`];
  if (people.nearest_px !== null) {
    const { gender_px, age_px, sure_faces } = state.floors;
    said.push(`Largest face of a person: ${people.nearest_px} px of the camera's own picture (median). Gender takes ${gender_px}, age ${age_px}.`);
    said.push(`Sure faces of a person: ${people.sure_faces} (median). A visit takes ${sure_faces}.`);
  }
  byId('people').replaceChildren(...said.map((sentence) => Object.assign(document.createElement('li'), { textContent: sentence })));
  if (crossed && people.followed) {
    byId('crossed').textContent = `Of ${plural(people.followed, 'person', 'people')} seen, ${crossed.in} came in over this line, ${crossed.out} went out, ${crossed.none} did not cross it.`;
  }
}

async function ask(look) {
  const told = await send('seen', { look, line: drawing.line, ignore: drawing.areas });
  if (look === (state.look ?? state.last)) showSeen(told);
  return told;
}

async function watch(look) {
  while (state.look === look) {
    let told;
    try {
      told = await ask(look);
    } catch (error) {
      return stopped(look, error.message);
    }
    if (told.over) return stopped(look, told.trouble);
    byId('looking').textContent = told.size[0] ? `Live, ${told.left_s} s left.` : 'The camera is being opened …';
    await new Promise((done) => setTimeout(done, ASK_EVERY_MS));
  }
}

function stopped(look, sentence) {
  if (state.look !== look) return;
  state.look = null;
  byId('look').textContent = 'Show its picture';
  byId('looking').textContent = sentence ? '' : 'The look is over; the last picture is on this page only.';
  trouble(sentence);
  if (byId('picture').hidden) byId('empty').hidden = false;
}

function forgetPicture() {
  if (state.look) send('end', { look: state.look }).catch(() => {});
  state.look = state.last = null;
  byId('picture').removeAttribute('src');
  byId('picture').hidden = true;
  byId('empty').hidden = false;
  byId('people').hidden = true;
  byId('looking').textContent = byId('crossed').textContent = byId('saved').textContent = '';
  byId('look').textContent = 'Show its picture';
  drawing.see([], []);
  trouble('');
}

function choose() {
  forgetPicture();
  const camera = state.cameras.find(({ name }) => name === byId('camera').value);
  drawing.load(camera.line, camera.ignore);
  state.unsaved = false;
  state.shown = camera.name;
  showDrawn();
}

async function load(keep = null) {
  const told = await send('cameras', {});
  Object.assign(state, { cameras: told.cameras, version: told.version, floors: told.floors });
  byId('file').textContent = told.file;
  byId('camera').replaceChildren(...told.cameras.map(({ name, label }) => new Option(label === name ? name : `${label} (${name})`, name)));
  if (keep) byId('camera').value = keep;
  byId('elsewhere').hidden = !told.elsewhere.length;
  byId('elsewhere').textContent = `Not in this file: ${told.elsewhere.map(({ name, machine }) => `${name} (settings of machine ${machine})`).join(', ')}. Open the dashboard on that machine, or look with “footfall cameras check --preview” there.`;
  byId('work').hidden = !told.cameras.length;
  if (!told.cameras.length) trouble(`${told.file} has no camera for you.${told.elsewhere.length ? ` ${byId('elsewhere').textContent}` : ''}`);
}

byId('camera').addEventListener('change', () => {
  if (state.unsaved && !window.confirm('What you drew for the other camera is not written yet. Leave it?')) {
    byId('camera').value = state.shown;
    return;
  }
  choose();
});

byId('look').addEventListener('click', async () => {
  if (state.look) {
    const look = state.look;
    await send('end', { look }).catch(() => {});
    return stopped(look, '');
  }
  trouble('');
  byId('look').disabled = true;
  try {
    state.look = state.last = (await send('look', { camera: byId('camera').value })).look;
    byId('look').textContent = 'Stop';
    byId('looking').textContent = 'The camera is being opened …';
    watch(state.look);
  } catch (error) {
    trouble(error.message);
  } finally {
    byId('look').disabled = false;
  }
});

byId('turn').addEventListener('click', () => drawing.turn());
byId('line').addEventListener('click', () => {
  drawing.line = drawing.line ? null : USUAL_LINE.map((point) => [...point]);
  drawing.tell();
});
byId('add-area').addEventListener('click', () => drawing.addArea());
byId('add-corner').addEventListener('click', () => drawing.addCorner());
byId('remove-area').addEventListener('click', () => drawing.removeArea());

byId('save').addEventListener('click', async () => {
  byId('save').disabled = true;
  const camera = byId('camera').value;
  try {
    const { message, version } = await send('save', { camera, version: state.version, line: drawing.line, ignore: drawing.areas });
    state.version = version;
    state.unsaved = false;
    Object.assign(state.cameras.find(({ name }) => name === camera), { line: drawing.line && drawing.line.map((p) => [...p]), ignore: drawing.areas.map((area) => area.map((p) => [...p])) });
    byId('saved').className = '';
    byId('saved').textContent = message;
  } catch (error) {
    byId('saved').className = 'bad';
    byId('saved').textContent = `${error.message} The lines above can be put into the file by hand.`.replace(/([^.!?]) The lines/, '$1. The lines');
  } finally {
    byId('save').disabled = false;
  }
});

window.addEventListener('pagehide', () => {
  if (state.look) fetch('end', { method: 'POST', keepalive: true, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ look: state.look }) });
});

load().then(() => state.cameras.length && choose()).catch((error) => trouble(error.message));
