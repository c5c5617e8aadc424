/** The arithmetic of file blocks (reference 2.1). */

export type StreamErrorCode =
  | "InvalidTopic"
  | "InvalidJson"
  | "InvalidCbor"
  | "InvalidRequest"
  | "Unauthorized"
  | "BlockSizeOutOfBounds"
  | "OffsetOutOfBounds"
  | "BlockCountLimitExceeded"
  | "BlockBitmapLimitExceeded"
  | "ResourceNotFound"
  | "VersionMismatch";

/** A request that is answered on `…/rejected/…`. */
export class StreamRejection extends Error {
  override readonly name = "StreamRejection";
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const SMALLEST_BLOCK = 256;
const LARGEST_BLOCK = 131_072;
const LAST_OFFSET = 98_304;
/** Bytes of data that one request may ask for. */
const DATA = 131_072;
/** Characters of a bitmap: as many blocks of the smallest size as one request may span many times over. */
const BITMAP = 24_576;

export interface BlockRequest {
  fileId: number;
  blockSize: number;
  offset: number;
  count?: number;
  bitmap?: Uint8Array;
  /** The version of the stream that the device expects. */
  version?: number;
}

type Fields = { readonly [name: string]: unknown };
const own = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);
const invalid = (message: string): StreamRejection => new StreamRejection("InvalidRequest", message);

function whole(fields: Fields, name: string): number | undefined {
  const value = own(fields, name);
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalid(`${name} takes a whole number`);
  return value as number;
}

/** What a `get` asks for; bounds are checked against the file later, in `blocksOf`. */
export function readBlockRequest(fields: Fields): BlockRequest {
  const fileId = whole(fields, "f");
  const blockSize = whole(fields, "l");
  if (fileId === undefined || fileId > 255) throw invalid("f takes a file id, 0 to 255");
  if (blockSize === undefined) throw invalid("l takes the size of a block");
  const bitmap = bitmapOf(own(fields, "b"));
  return {
    fileId,
    blockSize,
    offset: whole(fields, "o") ?? 0,
    count: whole(fields, "n"),
    ...(bitmap === undefined ? {} : { bitmap }),
    version: whole(fields, "s"),
  };
}

/** Hexadecimal text, byte 0 first, perhaps with `0x`; bytes in CBOR. */
function bitmapOf(value: unknown): Uint8Array | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array && value.length * 2 <= BITMAP) return value;
  const text = typeof value === "string" ? value.replace(/^0x/, "") : "";
  if (text.length > BITMAP)
    throw new StreamRejection("BlockBitmapLimitExceeded", "b names more blocks than there can be");
  if (!/^(?:[0-9a-fA-F]{2})+$/.test(text)) throw invalid("b takes a bitmap in hexadecimal");
  return Buffer.from(text, "hex");
}

/** Ids of the blocks that are asked for and there, in order. Checks in the reference's order. */
export function blocksOf({ blockSize, offset, count, bitmap }: BlockRequest, fileSize: number): number[] {
  if (blockSize < SMALLEST_BLOCK || blockSize > LARGEST_BLOCK) {
    throw new StreamRejection("BlockSizeOutOfBounds", `l takes ${SMALLEST_BLOCK} to ${LARGEST_BLOCK}`);
  }
  const total = Math.max(1, Math.ceil(fileSize / blockSize));
  if (offset > LAST_OFFSET || offset >= total) {
    throw new StreamRejection("OffsetOutOfBounds", `o takes 0 to ${Math.min(LAST_OFFSET, total - 1)}`);
  }
  const most = Math.floor(DATA / blockSize);
  if (count !== undefined && (count < 1 || count > most)) {
    throw new StreamRejection("BlockCountLimitExceeded", `n takes 1 to ${most} with blocks of ${blockSize} bytes`);
  }
  if (bitmap === undefined) {
    const end = Math.min(total, offset + (count ?? most));
    return Array.from({ length: end - offset }, (_, index) => offset + index);
  }
  const blocks: number[] = [];
  for (const [byte, bits] of bitmap.entries()) {
    for (let bit = 0; bit < 8; bit++) {
      const block = offset + byte * 8 + bit;
      if ((bits & (1 << bit)) !== 0 && block < total) blocks.push(block);
    }
  }
  if (blocks.length > most) {
    throw new StreamRejection("BlockBitmapLimitExceeded", `b takes at most ${most} blocks of ${blockSize} bytes`);
  }
  return count === undefined ? blocks : blocks.slice(0, count);
}
