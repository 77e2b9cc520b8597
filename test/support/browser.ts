import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { endWithRun, missingBinaries } from './server-process.js';

/** The screen of a user, and the mode that the system of the user has. */
export interface Display {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
}

/** A tab of a browser. */
export interface Tab {
  /** Opens a page and waits until it and its images have loaded, and its scripts have run. */
  open(url: string, display: Display): Promise<void>;
  /** Calls a function in the page and returns what it returns, as JSON. The function cannot use variables around it. */
  run<Result>(inPage: (...args: never[]) => Result, ...args: readonly unknown[]): Promise<Awaited<Result>>;
  /** Returns the failed requests and the errors of the console since the last call. */
  takeErrors(): readonly string[];
  /** Returns a PNG of the page in its whole width, between two distances from its top in pixels. */
  picture(top: number, bottom: number): Promise<Buffer>;
}

/** A Chromium without a window, in which nobody has been before. */
export interface Browser {
  openTab(): Promise<Tab>;
  /** Ends the process and removes its data. */
  close(): Promise<void>;
}

const missing = missingBinaries('chromium').length > 0;
const sentence = 'chromium not found on the PATH: apt-get install --no-install-recommends chromium';

/** Whether tests in a real browser must be skipped. Always false in CI, where these tests fail instead. */
export const isBrowserMissing: boolean = missing && process.env.CI !== 'true';
if (isBrowserMissing) process.stderr.write(`SKIPPING the tests in a real browser: ${sentence}\n`);

type Params = Readonly<Record<string, unknown>>;
type Listener = (params: never) => void;

/** Sends commands of the DevTools protocol, and calls one listener for each event. */
interface Session {
  send<Result>(method: string, params?: Params): Promise<Result>;
  on(event: string, listener: Listener): void;
}

/** Starts Chromium. */
export async function startBrowser(): Promise<Browser> {
  if (missing) throw new Error(sentence);
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-browser-'));
  const flags = [
    '--headless',
    // Chromium refuses a sandbox to root. The pages are our own.
    '--no-sandbox',
    // A container has little shared memory.
    '--disable-dev-shm-usage',
    '--hide-scrollbars',
    '--remote-debugging-pipe',
    `--user-data-dir=${folder}`,
  ];
  const child = spawn('chromium', flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const close = endWithRun(child, folder);
  const sessionOf = connect(child);
  return {
    async openTab() {
      const { send } = sessionOf();
      const { targetId } = await send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
      return await tabOf(sessionOf(sessionId));
    },
    close,
  };
}

/** Returns a function that returns a session, or without an id the session of the browser itself. */
function connect({ stdio }: ChildProcess): (sessionId?: string) => Session {
  const [, , , input, output] = stdio as unknown as [null, null, null, Writable, Readable];
  const pending = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  const listeners = new Map<string, Listener>();
  let sent = 0;
  let received = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    // A zero byte ends each message.
    const messages = (received + text).split('\0');
    received = messages.pop() ?? '';
    for (const message of messages) receive(JSON.parse(message));
  });
  output.on('close', () => {
    for (const { reject } of pending.values()) reject(new Error('Chromium has ended'));
  });
  return (sessionId) => ({
    send(method, params = {}) {
      sent += 1;
      input.write(`${JSON.stringify({ id: sent, method, params, sessionId })}\0`);
      return new Promise((resolve, reject) => pending.set(sent, { resolve: resolve as () => void, reject }));
    },
    on: (event, listener) => void listeners.set(`${sessionId} ${event}`, listener),
  });

  function receive({ id, error, result, method, params, sessionId }: Message): void {
    if (id === undefined) return listeners.get(`${sessionId} ${method}`)?.(params as never);
    if (error === undefined) pending.get(id)?.resolve(result);
    else pending.get(id)?.reject(new Error(error.message));
    pending.delete(id);
  }
}

interface Message {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly result?: unknown;
  readonly method?: string;
  readonly params?: unknown;
  readonly sessionId?: string;
}

async function tabOf({ send, on }: Session): Promise<Tab> {
  let errors: string[] = [];
  let shown = 0;
  on('Log.entryAdded', ({ entry: { level, text, url = '' } }: LogEntry) => {
    if (level === 'error') errors.push(`${text} ${url}`);
  });
  on('Runtime.consoleAPICalled', ({ type, args }: ConsoleCall) => {
    if (type === 'error') errors.push(args.map(({ value, description }) => value ?? description).join(' '));
  });
  on('Runtime.exceptionThrown', ({ exceptionDetails }: Exception) => errors.push(textOf(exceptionDetails)));
  for (const domain of ['Page', 'Log', 'Runtime']) await send(`${domain}.enable`);

  return {
    async open(url, { width, height, scheme }) {
      shown = width;
      await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
      await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
      const loaded = new Promise<void>((resolve) => on('Page.loadEventFired', () => resolve()));
      await send('Page.navigate', { url });
      await loaded;
    },
    async run(inPage, ...args) {
      const expression = `(${inPage})(...${JSON.stringify(args)})`;
      const { result, exceptionDetails } = await send<Evaluated>('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (exceptionDetails !== undefined) throw new Error(textOf(exceptionDetails));
      return result.value as never;
    },
    takeErrors() {
      const taken = errors;
      errors = [];
      return taken;
    },
    async picture(top, bottom) {
      const clip = { x: 0, y: top, width: shown, height: bottom - top, scale: 1 };
      const { data } = await send<{ data: string }>('Page.captureScreenshot', { clip, captureBeyondViewport: true });
      return Buffer.from(data, 'base64');
    },
  };
}

interface LogEntry {
  readonly entry: { readonly level: string; readonly text: string; readonly url?: string };
}
interface ConsoleCall {
  readonly type: string;
  readonly args: readonly { readonly value?: unknown; readonly description?: string }[];
}
interface ExceptionDetails {
  readonly text: string;
  readonly exception?: { readonly description?: string };
}
interface Exception {
  readonly exceptionDetails: ExceptionDetails;
}
interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: ExceptionDetails;
}

function textOf({ text, exception }: ExceptionDetails): string {
  return exception?.description ?? text;
}
