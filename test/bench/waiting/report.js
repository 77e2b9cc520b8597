import { median } from '../median.js';
import { findBroken } from './bounds.js';

const FRAMEWORKS = { fastify: 'Fastify 5', express: 'Express 5' };
const QUANTILES = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/**
 * Returns a row for each setup: medians over the runs.
 *
 * @param {import('./measure.js').Setup[]} setups
 * @param {import('./measure.js').Measurement[][]} runs The measurements of the setups, in each run.
 */
export function toRows(setups, runs) {
  const measured = setups.map((setup, i) => {
    const measurements = runs.map((run) => run[i]);
    return { ...setup, measurements, errors: medianErrors(measurements) };
  });
  const broken = findBroken(measured);
  return measured.map((setup, i) => toRow(setup, broken[i]));
}

/** Returns a row for each setup and each of those who measured: quantiles, to see where an estimate is off. */
export function toQuantiles(setups, runs) {
  return setups.flatMap((setup, i) =>
    ['clients', 'snippet', 'coalmine'].map((who) => ({
      '': nameOf(setup),
      who,
      ...Object.fromEntries(
        QUANTILES.map((q) => [`p${q * 100}`, showSeconds(median(runs.map((run) => run[i][who].quantile(q))))]),
      ),
    })),
  );
}

function toRow({ measurements, errors, ...setup }, broken) {
  const medianOf = (pick) => median(measurements.map(pick));
  const show = (who) => {
    const share = medianOf((measurement) => measurement[who].share);
    return `${showPercent(share)}, ${showSeconds(medianOf((measurement) => measurement[who].quantile(0.95)))}`;
  };
  const read = errors.utilisation === undefined ? '–' : medianOf((measurement) => measurement.read).toFixed(2);
  return {
    '': nameOf(setup),
    clients: show('clients'),
    snippet: show('snippet'),
    Coalmine: show('coalmine'),
    'Coalmine less clients': `${signed(100 * errors.share, 1)} points, ${signed(100 * errors.p95, 0)} %`,
    'utilisation: offered, read': `${medianOf(({ offered }) => offered).toFixed(2)}, ${read}`,
    ...(setup.connections === 'leaving'
      ? {
          'clients that left': showPercent(medianOf(({ left }) => left)),
          'counted as 499, as 504': ['counted499', 'counted504']
            .map((status) => showPercent(medianOf((measurement) => measurement[status])))
            .join(', '),
        }
      : { 'within the bounds': broken.length === 0 ? 'yes' : `no: ${broken.join(', ')}` }),
  };
}

/** Returns the medians of the differences of each run, because each run has other arrivals. */
function medianErrors(measurements) {
  const medianOf = (pick) => median(measurements.map(pick));
  const isRead = measurements.every(({ read }) => read !== undefined);
  return {
    isComplete: measurements.every(({ failed, isCounted }) => failed === 0 && isCounted),
    share: medianOf(({ clients, coalmine }) => coalmine.share - clients.share),
    p95: medianOf(({ clients, coalmine }) => coalmine.quantile(0.95) / clients.quantile(0.95) - 1),
    utilisation: isRead ? medianOf(({ read, offered }) => read - offered) : undefined,
  };
}

/** Returns the name of a row. One table has both kinds of connections to a healthy service. */
function nameOf({ load, framework, connections }) {
  const isNew = load.isHealthy && connections === 'new';
  return `${FRAMEWORKS[framework]}, ${load.name}${isNew ? ', new connections' : ''}`;
}

function showPercent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function showSeconds(seconds) {
  return seconds < 0.1 ? `${(1000 * seconds).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

function signed(number, digits) {
  const shown = Math.abs(number).toFixed(digits);
  if (Number(shown) === 0) return shown;
  return `${number < 0 ? '−' : '+'}${shown}`;
}
