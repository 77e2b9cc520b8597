import { startProcess } from '../start-process.js';

const ROUTES = 1_000;
const EXCHANGES = 5_000_000;
const CHUNK = 250_000;
const CONTENDERS = ['prom-client snippet', 'Coalmine'];

/** Returns the section about the memory of series, and about whether exchanges leave anything in memory. */
export async function memory() {
  const rows = [];
  for (const name of CONTENDERS) {
    const args = [name, ROUTES, EXCHANGES, CHUNK].map(String);
    const { next, stop } = startProcess(new URL('./service.js', import.meta.url), args, { execArgv: ['--expose-gc'] });
    const { series, bytes, growth } = await next();
    stop();
    rows.push({
      '': name,
      series: series.toLocaleString('en'),
      MB: (bytes / 1e6).toFixed(1),
      'bytes per series': (bytes / series).toFixed(0),
      [`MB more after ${EXCHANGES.toLocaleString('en')} exchanges`]: (growth / 1e6).toFixed(2),
    });
  }
  return {
    title: 'Memory',
    note: `The memory of the heap and the buffers after a garbage collection, for ${ROUTES.toLocaleString('en')} routes with five combinations of method and status each. Each contender runs in a process of its own.`,
    rows,
  };
}
