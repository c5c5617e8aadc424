/** What the radio takes at once. */
const TOGETHER = 8;
/** Of these, kept free of what the hub asks for itself: devices that are silent hold a place for seconds. */
const FOR_COMMANDS = 2;
/** So many commands go before something else that waits. */
const AHEAD = 7;

/** Whose turn it is: one request of a device at a time and eight of the radio, commands before what the hub asks for itself. */
export interface Turns {
  /** Resolves when the request may be sent, to what ends its turn. */
  take(address: string, isCommand: boolean): Promise<() => void>;
}

interface Waiting {
  address: string;
  begin(): void;
}

export function createTurns(): Turns {
  const commands: Waiting[] = [];
  const others: Waiting[] = [];
  const busy = new Set<string>();
  let running = 0;
  let othersRunning = 0;
  /** Commands in a row that went before something else. */
  let ahead = 0;

  const take = (from: Waiting[]): Waiting | undefined => {
    const index = from.findIndex(({ address }) => !busy.has(address));
    return index < 0 ? undefined : from.splice(index, 1)[0];
  };
  const takeOther = () => (othersRunning < TOGETHER - FOR_COMMANDS ? take(others) : undefined);

  function next(): void {
    while (running < TOGETHER) {
      const turn = ahead < AHEAD ? (take(commands) ?? takeOther()) : (takeOther() ?? take(commands));
      if (!turn) return;
      turn.begin();
    }
  }

  return {
    take: (address, isCommand) =>
      new Promise((resolve) => {
        const begin = () => {
          busy.add(address);
          running += 1;
          if (!isCommand) othersRunning += 1;
          ahead = isCommand && others.length > 0 ? ahead + 1 : 0;
          resolve(() => {
            busy.delete(address);
            running -= 1;
            if (!isCommand) othersRunning -= 1;
            next();
          });
        };
        (isCommand ? commands : others).push({ address, begin });
        next();
      }),
  };
}
