import { runService } from '../fixtures/run-service.mjs';

await runService((name) => import(name));
