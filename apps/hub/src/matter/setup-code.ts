import { isValidPasscode, ManualPairingCodeCodec, QrPairingCodeCodec } from "@matter/main/types";

/** What a device's label or a person says of it: how it is found, and the passcode that it is let in with. */
export interface SetupCode {
  passcode: number;
  longDiscriminator?: number;
  /** The upper four bits, which is all that a manual code has. */
  shortDiscriminator?: number;
}

/** Discovery capabilities of a QR code. */
const ON_IP_NETWORK = 1 << 2;
const MOST_CHARACTERS = 512;

/**
 * `MT:…`, the text of a QR code, or a manual pairing code of 11 or 21 digits. The problem never repeats the code: it is
 * a secret.
 */
export function readSetupCode(text: string): SetupCode | { problem: string } {
  if (text.length > MOST_CHARACTERS) return { problem: `is longer than ${MOST_CHARACTERS} characters` };
  const plain = text.trim();
  return plain.startsWith("MT:") ? readQrCode(plain) : readManualCode(plain.replaceAll(/[ -]/g, ""));
}

function readQrCode(text: string): SetupCode | { problem: string } {
  try {
    const devices = QrPairingCodeCodec.decode(text);
    const [device] = devices;
    if (!device || devices.length > 1) return { problem: "is the label of several devices: use the code of each" };
    const { passcode, discriminator, discoveryCapabilities } = device;
    if (!isValidPasscode(passcode)) return { problem: "holds a passcode that no device may have" };
    // 0: the maker does not say.
    if (discoveryCapabilities !== 0 && (discoveryCapabilities & ON_IP_NETWORK) === 0) {
      return {
        problem: "is that of a device that is not on the network yet: bring it there by its maker's app, then share it",
      };
    }
    return { passcode, longDiscriminator: discriminator };
  } catch {
    return { problem: "is not the text of a Matter QR code" };
  }
}

function readManualCode(digits: string): SetupCode | { problem: string } {
  if (!/^(\d{11}|\d{21})$/.test(digits)) {
    return { problem: "is neither the text of a Matter QR code (MT:…) nor 11 or 21 digits" };
  }
  try {
    const { passcode, shortDiscriminator } = ManualPairingCodeCodec.decode(digits);
    if (!isValidPasscode(passcode)) return { problem: "holds a passcode that no device may have" };
    return { passcode, ...(shortDiscriminator === undefined ? {} : { shortDiscriminator }) };
  } catch {
    return { problem: "has a digit that is wrong: its check digit does not fit" };
  }
}
