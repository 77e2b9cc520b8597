// The handler from the documentation of OpenTelemetry, which ends the process after the shutdown of the SDK.
import { coalmine } from '@coalmine/express';
import { NodeSDK } from '@opentelemetry/sdk-node';
import express from 'express';
import { ended, listening, work } from './work.mjs';

const exporting = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: ended };
const sdk = new NodeSDK({ spanProcessors: [exporting] });
sdk.start();
process.on('SIGTERM', () => {
  sdk
    .shutdown()
    .then(
      () => console.log('SDK shut down successfully'),
      (error) => console.log('Error shutting down SDK', error),
    )
    .finally(() => process.exit(0));
});

const app = express();
app.use(coalmine());
app.get('/work/:ms', async (request, response) => void response.send(await work(request)));
const server = app.listen(0, '127.0.0.1', () => listening(server));
