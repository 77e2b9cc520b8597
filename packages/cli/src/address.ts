/** An address as `fetch` takes it, and its credentials as a header: it refuses those that stand in an address. */
export function splitAddress(address: string): {
  readonly url: string;
  readonly credentials: Readonly<Record<string, string>>;
} {
  const url = new URL(address);
  const credentials: Record<string, string> = url.username === '' ? {} : { authorization: basic(url) };
  url.username = '';
  url.password = '';
  return { url: url.href, credentials };
}

/** Why `fetch` failed, which it keeps in the cause of what it says. */
export function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: Error };
  return cause?.message || (cause as NodeJS.ErrnoException | undefined)?.code || message;
}

function basic({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
