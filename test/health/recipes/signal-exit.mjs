// signal-exit, in both versions that are in use. They send the signal once more after they have received it.
import { coalmine } from '@coalmine/express';
import express from 'express';
import { onExit } from 'signal-exit';
import onExit3 from 'signal-exit3';
import { ended, listening, work } from './work.mjs';

const [version] = process.argv.slice(2);
if (version !== '4') onExit3(() => ended());
if (version !== '3') onExit(() => ended());

const app = express();
app.use(coalmine());
app.get('/work/:ms', async (request, response) => void response.send(await work(request)));
const server = app.listen(0, '127.0.0.1', () => listening(server));
