import { monitorEventLoopDelay } from 'node:perf_hooks';

// The finest resolution is one millisecond.
const delays = monitorEventLoopDelay({ resolution: 1 });

/** Starts or ends a watch of the event loop. Returns how many milliseconds timers were late since the start. */
export function watchLoop({ isWatched }) {
  if (isWatched) {
    delays.reset();
    delays.enable();
  } else {
    delays.disable();
  }
  return { longest: delays.max / 1e6, p999: delays.percentile(99.9) / 1e6 };
}
