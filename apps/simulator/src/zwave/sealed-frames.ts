import { CommandClass } from "@zwave-js/cc";
import { type MockNode, MockZWaveFrameType } from "@zwave-js/testing";

type SentFrame = Parameters<MockNode["sendToController"]>[0];

const SECURITY_2 = 0x9f;
/** A frame that has not come into the air by then will not any more. */
const LATE = 1_000;
/** Who waits for whether this could be sealed. */
const sendings = new WeakMap<CommandClass, (sealed: boolean) => void>();

/**
 * The mocks encrypt a node's frames when they hand them to the host, several at a time: each would take the nonce of another,
 * and none could be deciphered. In the air frames are one after the other, those to the node too.
 */
export function inTheAir(node: MockNode, frame: SentFrame): SentFrame {
  if (frame.type !== MockZWaveFrameType.Request) return frame;
  const { payload } = frame;
  if (typeof payload === "function" || payload.ccId !== SECURITY_2) return frame;
  const seal = async () => {
    const bytes = await payload.serialize(node.encodingContext).catch(() => undefined);
    sendings.get(payload)?.(bytes !== undefined);
    const [ccId = 0, ccCommand = 0] = bytes ?? [];
    const sealed = bytes && new CommandClass({ nodeId: payload.nodeId, ccId, ccCommand, payload: bytes.slice(2) });
    // What could not be sealed is handed to nobody.
    return sealed as CommandClass;
  };
  return { ...frame, payload: seal };
}

/** Whether a frame of Security 2 that is sent next was sealed: there may be no state any more to seal it with. */
export function whetherSealed(command: CommandClass): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), LATE);
    late.unref();
    sendings.set(command, (sealed) => {
      clearTimeout(late);
      resolve(sealed);
    });
  });
}
