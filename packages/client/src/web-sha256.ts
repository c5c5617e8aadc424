type Bytes = Uint8Array<ArrayBuffer>;

/** SHA-256 and its HMAC by WebCrypto, in the form that the signer asks for. */
export class WebSha256 {
  readonly #secret: Bytes | undefined;
  #data: Bytes = new Uint8Array();

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    const more = bytesOf(data);
    const whole = new Uint8Array(this.#data.length + more.length);
    whole.set(this.#data);
    whole.set(more, this.#data.length);
    this.#data = whole;
  }

  async digest(): Promise<Bytes> {
    if (this.#secret === undefined) return new Uint8Array(await crypto.subtle.digest("SHA-256", this.#data));
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", this.#secret, algorithm, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", key, this.#data));
  }

  reset(): void {
    this.#data = new Uint8Array();
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Bytes {
  if (typeof data === "string") return new TextEncoder().encode(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}
