import { type Logger, messageOf } from "@hearth/base";

/** What a request may ask of the queue while it runs. */
export interface Turn {
  /** Whether others wait behind it. */
  waiting(): boolean;
  /** Calls `run` whenever one more waits. */
  onWaiting(run: () => void): void;
  /** It is about to be answered: whoever asks for the same from now on has heard the answer, and asks anew. */
  answering(): void;
}

export interface QueuedRequest {
  /** Two with one key are the same: the second changes nothing until the first is answered. */
  key: string;
  what: string;
  /** Must end in bounded time; when it throws, the next one is begun nevertheless. */
  run(turn: Turn): Promise<void>;
}

/** Requests to add and to remove devices, one after another in the order in which they came (reference 10.1). */
export function createRequestQueue(deps: { log: Logger; most: number }) {
  const { log, most } = deps;
  const waiting: QueuedRequest[] = [];
  let running: QueuedRequest | undefined;
  let isAnswered = false;
  let nudge: (() => void) | undefined;
  const idle: (() => void)[] = [];
  let stopped = false;

  async function work(): Promise<void> {
    for (let next = waiting.shift(); next && !stopped; next = waiting.shift()) {
      running = next;
      isAnswered = false;
      nudge = undefined;
      const turn: Turn = {
        waiting: () => waiting.length > 0,
        onWaiting: (run) => {
          nudge = run;
        },
        answering: () => {
          isAnswered = true;
        },
      };
      try {
        await next.run(turn);
      } catch (error) {
        log.error({ request: next.what, error: messageOf(error) }, "a request failed; the next one begins");
      }
    }
    running = undefined;
    for (const resolve of idle.splice(0)) resolve();
  }

  return {
    /** False: so many wait already that this one was not taken. */
    push(request: QueuedRequest): boolean {
      if (stopped) return false;
      const isUnderWay = running?.key === request.key && !isAnswered;
      if (isUnderWay || waiting.some(({ key }) => key === request.key)) return true;
      if (waiting.length >= most) return false;
      waiting.push(request);
      if (running) nudge?.();
      else {
        running = request;
        void work();
      }
      return true;
    },
    list: (): string[] => [...(running ? [running.what] : []), ...waiting.map(({ what }) => what)],
    /** Resolves when nothing runs or waits. */
    settled: (): Promise<void> => (running ? new Promise((resolve) => idle.push(resolve)) : Promise.resolve()),
    /** Nothing more begins. */
    stop(): void {
      stopped = true;
      waiting.length = 0;
      nudge?.();
    },
  };
}
