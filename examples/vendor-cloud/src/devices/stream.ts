import { Refusal } from "../http.ts";

const MAX_OFFER_LENGTH = 32_768;
const MAX_MEDIA = 8;

/**
 * An SDP answer that fits the offer line by line and declines every stream with port 0 (RFC 3264, 6): this example has
 * no camera to take pictures with, but who sends an offer learns how the answer comes back.
 */
export function answerTo(offer: unknown): string {
  if (typeof offer !== "string" || !offer.startsWith("v=0") || offer.length > MAX_OFFER_LENGTH)
    throw new Refusal(400, "bad_offer", `offer is an SDP of at most ${MAX_OFFER_LENGTH} characters`);
  const media = offer.split(/\r?\n/).filter((line) => line.startsWith("m="));
  if (media.length === 0 || media.length > MAX_MEDIA)
    throw new Refusal(400, "bad_offer", `offer has 1 to ${MAX_MEDIA} media lines`);
  const declined = media.map((line) => {
    const [kind, , ...rest] = line.slice(2).split(" ");
    return `m=${kind} 0 ${rest.join(" ")}`;
  });
  return ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=-", "t=0 0", ...declined, ""].join("\r\n");
}
