import { AsyncLocalStorage, createHook } from 'node:async_hooks';

/** The asynchronous work that functions have started. */
export interface Work {
  /** Calls a function. The work that the function starts counts, and all work that this work starts. */
  begin<T>(run: () => T): T;
  /** Whether any of the work has not ended. */
  isUnderWay(): boolean;
  /** Stops watching the work. */
  forget(): void;
}

// Node's names for requests to the operating system and to other threads, such as FSREQCALLBACK and TCPCONNECTWRAP.
const REQUEST = /^FSREQ|REQUEST$|(?:REQ|CONNECT|QUERY|SEND|SHUTDOWN|WRITE)WRAP$/;

/**
 * Watches work by the asynchronous resources of Node: promises that are pending, requests, and timers and handles that
 * keep the process alive. A connection that existed before counts only for what is pending on it.
 */
export function createWork(): Work {
  const scope = new AsyncLocalStorage<true>();
  /** By the id of a resource, whether it counts now. */
  const resources = new Map<number, () => boolean>();
  const end = (id: number): void => void resources.delete(id);
  const hook = createHook({
    init(id, type, _trigger, resource) {
      if (scope.getStore() === undefined) return;
      if (isHolder(resource)) resources.set(id, () => resource.hasRef());
      else if (type === 'PROMISE' || REQUEST.test(type)) resources.set(id, () => true);
    },
    promiseResolve: end,
    destroy: end,
  });
  hook.enable();

  return {
    begin: (run) => scope.run(true, run),
    isUnderWay: () => Array.from(resources.values()).some((counts) => counts()),
    forget: () => void hook.disable(),
  };
}

/** Whether a resource is a timer or a handle, which may be unreferenced so that it keeps no process alive. */
function isHolder(resource: object): resource is { hasRef(): boolean } {
  return typeof (resource as { readonly hasRef?: unknown }).hasRef === 'function';
}
