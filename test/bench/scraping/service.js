// One contender in its own process, whose routes have all served requests. It reports how long its event loop was held.
import { watchLoop } from '../loop-watch.js';
import { fill, pathsOf, startFastify } from '../series/contenders.js';
import { CONTENDERS } from './contenders.js';

const [contender, routes] = [process.argv[2], Number(process.argv[3])];
const paths = pathsOf(routes);
const { port } = await startFastify(paths, (app) => CONTENDERS[contender](app, routes));
await fill(port, paths);

process.on('message', (question) => process.send(watchLoop(question)));
process.on('disconnect', () => process.exit());
process.send({ port });
