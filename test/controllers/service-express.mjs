// The service of the plays about middleware. Its second argument is the bug of the release.
import { coalmine } from '@coalmine/express';
import express from 'express';
import { LIMITS } from './limits.mjs';

const [version, bug] = process.argv.slice(2);
let turns = 0;

const app = express();
app.use(coalmine(LIMITS));
app.use((_request, response, next) => {
  if (bug === 'middleware' && turns++ % 2 === 0) response.sendStatus(401);
  else next();
});
app.get(['/items/:id', '/cart'], (_request, response) => response.json({ version }));
app.post('/login', (_request, response) => response.json({ version }));

app.listen(Number(process.env.PORT), process.env.HOST);
