import { showShare, showTime } from '../../controllers/shown.js';
import { escapeHtml } from '../../report/escaped.js';
import { round } from '../../report/plot.js';
import type { Evidence, Judgement, Objectives, Plan, TrafficTime } from '../result.js';
import { rate, showRoughSpan, verdictOf } from './words.js';

const WIDTH = 720;
const LEFT = 64;
const RIGHT = 12;
const TOP = 16;
const BOTTOM = 26;

interface Frame {
  readonly height: number;
  x(share: number): number;
  y(share: number): number;
}

/** Draws when pods and releases were replayed, and their verdicts: the shape shows the verdict. */
export function timelinePicture({ from, to, replays, past }: Plan): string {
  const frame = frameOf(110);
  const at = (time: number): number => frame.x((time - from) / (to - from));
  const rows = [
    { label: 'releases', y: frame.y(0.75), all: past.map((each) => ({ ...each, name: each.hash })) },
    { label: 'pods', y: frame.y(0.25), all: replays.pods.map((each) => ({ ...each, name: each.pod })) },
  ];
  const marks = rows.flatMap(({ y, all }) => all.map((each) => mark(each, at(each.startedAt), y)));
  return svg(
    frame,
    `${past.length} releases and ${replays.judged} pods over time`,
    `${rows.map(({ label, y }) => `<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${label}</text><line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>`).join('\n')}
<text x="${LEFT}" y="${frame.height - 6}">${showTime(from)}</text>
<text x="${WIDTH - RIGHT}" y="${frame.height - 6}" text-anchor="end">${showTime(to)}</text>
${marks.join('\n')}`,
  );
}

function mark(judgement: Judgement & { readonly name: string }, x: number, y: number): string {
  const { verdict, name, startedAt, metric } = judgement;
  const why = metric === undefined ? '' : ` by ${metric}`;
  return `<path class="mark ${verdict}" d="${SHAPES[verdict](x, y)}"><title>${escapeHtml(`${showTime(startedAt)} ${name}: ${verdictOf(judgement)}${why}`)}</title></path>`;
}

const SHAPES: Readonly<Record<Judgement['verdict'], (x: number, y: number) => string>> = {
  promote: (x, y) => `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0`,
  rollback: (x, y) => `M${x - 5} ${y + 5}h10l-5 -10z`,
  pause: (x, y) => `M${x} ${y - 6}l6 6l-6 6l-6 -6z`,
};

/** Draws the requests per second by hour of the day. */
export function trafficPicture({ byHour }: Evidence): string {
  const frame = frameOf(150);
  const most = Math.max(...byHour.map(({ perSecond }) => perSecond), Number.MIN_VALUE);
  const width = (WIDTH - LEFT - RIGHT) / 24;
  const base = frame.y(0);
  const bars = byHour.map(({ hour, perSecond }) => {
    const top = frame.y(perSecond / most);
    return `<rect class="bar" x="${round(LEFT + hour * width + 1)}" y="${top}" width="${round(width - 2)}" height="${round(base - top)}"><title>${hour}:00 UTC: ${rate(perSecond)} requests per second</title></rect>`;
  });
  const hours = [0, 6, 12, 18].map(
    (hour) =>
      `<text x="${round(LEFT + hour * width)}" y="${frame.height - 8}">${String(hour).padStart(2, '0')}:00</text>`,
  );
  return svg(
    frame,
    `requests per second by hour of the day in UTC, at most ${rate(most)}`,
    `${level(frame, 1, rate(most))}${level(frame, 0, '0')}
${bars.join('\n')}
${hours.join('\n')}`,
  );
}

// Shares from 0.1 % to 100 % on a logarithmic scale.
const LEAST_SHARE = 0.001;

function shareHeight(share: number): number {
  return 1 - Math.log(Math.max(share, LEAST_SHARE)) / Math.log(LEAST_SHARE);
}

/** Draws the smallest share of errors that is proven by the end of each step, at the traffic of each time. */
export function evidencePicture({ steps, traffic }: Evidence, allowed: number): string {
  const frame = frameOf(200);
  const column = (WIDTH - LEFT - RIGHT) / Math.max(1, steps.length);
  const lines = traffic.map(({ time }) => {
    const points = steps.flatMap(({ weight, at }, i) => {
      const errors = at.find((each) => each.time === time)?.errors;
      return errors === undefined
        ? []
        : [{ x: round(LEFT + (i + 0.5) * column), y: frame.y(shareHeight(errors)), weight, errors }];
    });
    const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
    const marks = points.map(
      ({ x, y, weight, errors }) =>
        `<path class="mark ${time}" d="${TIME_SHAPES[time](x, y)}"><title>${time}, ${weight} %: ${showShare(errors)}</title></path>`,
    );
    return `<path class="path ${time}" d="${path}"/>${marks.join('')}`;
  });
  const none = steps.flatMap(({ at }, i) =>
    at
      .filter(({ errors }) => errors === undefined)
      .map(
        ({ time }, n) =>
          `<text x="${round(LEFT + (i + 0.5) * column)}" y="${TOP + 10 + 12 * n}" text-anchor="middle">${time}: nothing</text>`,
      ),
  );
  return svg(
    frame,
    `smallest share of errors that each step proves, where ${showShare(allowed)} is allowed`,
    `${[0.001, 0.01, 0.1, 1].map((share) => level(frame, shareHeight(share), showShare(share))).join('\n')}
<line class="bound" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${frame.y(shareHeight(allowed))}" y2="${frame.y(shareHeight(allowed))}"/>
${steps.map(({ weight, seconds }, i) => `<text x="${round(LEFT + (i + 0.5) * column)}" y="${frame.height - 8}" text-anchor="middle">${weight} %, ${showRoughSpan(seconds)}</text>`).join('\n')}
${lines.join('\n')}
${none.join('\n')}
<text x="${WIDTH - RIGHT}" y="11" text-anchor="end">circle: busy, diamond: median, triangle: night</text>`,
  );
}

const TIME_SHAPES: Readonly<Record<TrafficTime, (x: number, y: number) => string>> = {
  busy: SHAPES.promote,
  median: SHAPES.pause,
  night: SHAPES.rollback,
};

/** Draws the share of the service's requests over each latency. */
export function latencyPicture({ latencies, over, latency }: Objectives, allowed: number): string {
  const frame = frameOf(180);
  const column = (WIDTH - LEFT - RIGHT) / Math.max(1, latencies.length);
  const points = over.map((share, i) => ({
    x: round(LEFT + (i + 0.5) * column),
    y: frame.y(shareHeight(share)),
    share,
    bound: latencies[i] ?? 0,
  }));
  const line = frame.y(shareHeight(allowed));
  return svg(
    frame,
    `share of the requests over each latency, where ${showShare(allowed)} may be over the objective`,
    `${[0.001, 0.01, 0.1, 1].map((share) => level(frame, shareHeight(share), showShare(share))).join('\n')}
<line class="bound" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${line}" y2="${line}"/>
<path class="path" d="${points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('')}"/>
${points.map(({ x, y, share, bound }) => `<path class="mark ${bound === latency ? 'promote' : 'median'}" d="${SHAPES.promote(x, y)}"><title>over ${bound} s: ${showShare(share)}</title></path><text x="${x}" y="${frame.height - 8}" text-anchor="middle">${bound}</text>`).join('\n')}`,
  );
}

function frameOf(height: number): Frame {
  return {
    height,
    x: (share) => round(LEFT + share * (WIDTH - LEFT - RIGHT)),
    y: (share) => round(TOP + (1 - share) * (height - TOP - BOTTOM)),
  };
}

function level({ y }: Frame, share: number, text: string): string {
  return `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(share)}" y2="${y(share)}"/><text x="${LEFT - 8}" y="${y(share) + 4}" text-anchor="end">${text}</text>`;
}

function svg({ height }: Frame, label: string, content: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(label)}">
${content}
</svg>`;
}
