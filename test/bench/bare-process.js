// A process without work beside others. It reports how long its event loop was held, because the machine was busy.
import { watchLoop } from './loop-watch.js';

process.on('message', (question) => process.send(watchLoop(question).longest));
process.on('disconnect', () => process.exit());
process.send('ready');
