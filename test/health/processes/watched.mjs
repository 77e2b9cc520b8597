// A service that restarts when this file changes, with Coalmine or without. Prints when it started.
console.log(`Started at ${Date.now()}`);
const { default: express } = await import('express');
const { coalmine } = await import('@coalmine/express');
const { listening, work } = await import('../recipes/work.mjs');

const app = express();
if (process.argv[2] === 'coalmine') app.use(coalmine());
app.get('/work/:ms', async (request, response) => void response.send(await work(request)));
const server = app.listen(0, '127.0.0.1', () => listening(server));
