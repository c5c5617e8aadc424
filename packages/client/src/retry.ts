import { ServiceException } from "./answer.ts";

/** How often a call is tried, and how it waits in between. */
export interface Retrying {
  /** Attempts in all; 1: none is repeated. */
  maxAttempts: number;
  /** Resolves after so many milliseconds. */
  wait(milliseconds: number): Promise<void>;
}

/** AWS SDKs, standard mode: full jitter below a bound that doubles from 100 ms up to 20 s. */
const FIRST_BOUND = 100;
const LARGEST_BOUND = 20_000;

const TOO_MUCH: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
]);

/** `no`: an answer that another attempt would not change. `unprocessed`: nothing happened. `unknown`: perhaps something did. */
type Chance = "no" | "unprocessed" | "unknown";

function chanceOf(error: unknown): Chance {
  if (!(error instanceof ServiceException)) {
    // What `fetch` throws when the network fails, and what its signal does when time is up.
    const name = error instanceof Error ? error.name : "";
    return name === "TypeError" || name === "TimeoutError" ? "unknown" : "no";
  }
  if (error.status === 429 || error.status === 503) return "unprocessed";
  if (error.status === 400 && TOO_MUCH.has(error.name)) return "unprocessed";
  return error.status === 500 || error.status === 502 || error.status === 504 ? "unknown" : "no";
}

/**
 * Tries `call` until it succeeds or another attempt would not help. One that may have had its effect is repeated only
 * when `repeatable` says that twice is as good as once.
 */
export async function retrying<Result>(
  { maxAttempts, wait }: Retrying,
  repeatable: boolean,
  call: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const chance = chanceOf(error);
      const again = chance === "unprocessed" || (chance === "unknown" && repeatable);
      if (!again || attempt >= maxAttempts) throw error;
      await wait(Math.random() * Math.min(LARGEST_BOUND, FIRST_BOUND * 2 ** (attempt - 1)));
    }
  }
}
