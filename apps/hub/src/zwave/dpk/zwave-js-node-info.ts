import type { Driver, ZWaveError } from "zwave-js";

/** Functions of the serial API (INS12350). */
const REQUEST_NODE_INFO = 0x60;
const APPLICATION_UPDATE = 0x49;

interface Message {
  readonly functionType: number;
  readonly updateType?: number;
  readonly payload: Uint8Array;
}

/** What the library keeps to itself. */
interface Insides {
  executeSerialAPICommand(message: Message, ...rest: unknown[]): Promise<unknown>;
  abortSerialAPICommand?: { reject(error: Error): void };
}

/**
 * A node that does not say what it is: the controller tells so (0x81, no node), but the library reads the byte after that as
 * the report's type, does not know it, and waits 30 s for another answer. Nothing else is sent meanwhile: nobody can join.
 */
export function hearNodeInfoFailures(driver: Driver, failure: () => ZWaveError): void {
  const insides = driver as unknown as Insides;
  const execute = insides.executeSerialAPICommand.bind(driver);
  insides.executeSerialAPICommand = async (message, ...rest) => {
    if (message.functionType !== REQUEST_NODE_INFO) return await execute(message, ...rest);
    const over = new AbortController();
    driver
      .waitForMessage((received) => isUnread(received as unknown as Message), 0, undefined, over.signal)
      .then(
        () => insides.abortSerialAPICommand?.reject(failure()),
        () => {},
      );
    try {
      return await execute(message, ...rest);
    } finally {
      over.abort();
    }
  };
}

/** What is left of a failure when the library has read it: neither a type nor a node. */
const isUnread = ({ functionType, updateType, payload }: Message): boolean =>
  functionType === APPLICATION_UPDATE && !updateType && payload.every((byte) => byte === 0);
