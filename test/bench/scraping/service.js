// One contender as a process of its own, whose routes have all served requests. It says how long its event loop was held.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fill, pathsOf, startFastify } from '../series/contenders.js';
import { CONTENDERS } from './contenders.js';

const [contender, routes] = [process.argv[2], Number(process.argv[3])];
const paths = pathsOf(routes);
const { port } = await startFastify(paths, (app) => CONTENDERS[contender](app, routes));
await fill(port, paths);

// In milliseconds, the least that it can tell.
const delays = monitorEventLoopDelay({ resolution: 1 });
process.on('message', ({ isWatched }) => {
  if (isWatched) {
    delays.reset();
    delays.enable();
  } else {
    delays.disable();
  }
  process.send({ longest: delays.max / 1e6, p999: delays.percentile(99.9) / 1e6 });
});
process.on('disconnect', () => process.exit());
process.send({ port });
