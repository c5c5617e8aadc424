import { connect, type Socket } from "node:net";
import { octets, u16, u32 } from "./octets.ts";
import { encodeUnpi, FrameType, type UnpiFrame, UnpiParser } from "./znp/unpi.ts";

/** A host for tests that speaks MT by hand: it asks, and waits for what the stick says of its own accord. */
export class ScriptedHost {
  readonly #socket: Socket;
  readonly #heard: UnpiFrame[] = [];
  #woken = () => {};

  static async connect(port: number): Promise<ScriptedHost> {
    const socket = connect(port, "127.0.0.1");
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    socket.setNoDelay(true);
    return new ScriptedHost(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    const parser = new UnpiParser((frame) => {
      this.#heard.push(frame);
      this.#woken();
    });
    socket.on("data", (chunk) => parser.push(chunk));
  }

  /** The answer's data. */
  request(subsystem: number, id: number, data: Buffer = Buffer.alloc(0)): Promise<Buffer> {
    this.#socket.write(encodeUnpi({ type: FrameType.SREQ, subsystem, id, data }));
    return this.response(subsystem, id);
  }

  response(subsystem: number, id: number): Promise<Buffer> {
    return this.#next((frame) => frame.type === FrameType.SRSP && frame.subsystem === subsystem && frame.id === id);
  }

  raw(data: Buffer): void {
    this.#socket.write(data);
  }

  /** The next indication of this kind, whether it has come already or not. */
  indication(subsystem: number, id: number): Promise<Buffer> {
    return this.#next((frame) => frame.type === FrameType.AREQ && frame.subsystem === subsystem && frame.id === id);
  }

  /** How many indications of this kind wait to be taken. */
  waiting(subsystem: number, id: number): number {
    return this.#heard.filter((frame) => frame.subsystem === subsystem && frame.id === id).length;
  }

  /** Forms a network as a host does: its items, formation, and the mark that zigbee-herdsman leaves behind. */
  async formNetwork(network: { panId: number; extendedPanId: Buffer; key: Buffer; channel: number }): Promise<void> {
    await this.setItem(0x83, u16(network.panId));
    await this.setItem(0x2d, Buffer.from(network.extendedPanId).reverse());
    await this.setItem(0x62, network.key);
    await this.setItem(0x84, u32(1 << network.channel));
    await this.request(15, 0x05, octets(0x04));
    await this.indication(5, 0xc0);
    await this.setItem(0x60, octets(0x55));
    await this.request(4, 0x00, octets(1, u16(0x0104), u16(5), 0, 0, 0, 0));
  }

  async setItem(id: number, value: Buffer): Promise<void> {
    await this.request(1, 0x07, octets(u16(id), u16(value.length), value.length, value));
    await this.request(1, 0x1d, octets(u16(id), u16(0), u16(value.length), value));
  }

  /** Opens the network; a device that is let in is answered for by its indication. */
  async permitJoin(seconds: number): Promise<void> {
    await this.request(5, 0x36, octets(0x0f, u16(0xfffc), seconds, 0));
    await this.indication(5, 0xb6);
  }

  /** A ZCL frame to endpoint 1 of a device; what became of it. */
  async send(address: number, cluster: number, frame: Buffer, transaction = 1): Promise<number> {
    await this.request(4, 0x01, octets(u16(address), 1, 1, u16(cluster), transaction, 0, 30, frame.length, frame));
    return (await this.indication(4, 0x80))[0] ?? 0xff;
  }

  /** The ZCL frame of the next message of a device. */
  async message(): Promise<Buffer> {
    const data = await this.indication(4, 0x81);
    return data.subarray(17, 17 + (data[16] ?? 0));
  }

  close(): void {
    this.#socket.destroy();
  }

  async #next(fits: (frame: UnpiFrame) => boolean): Promise<Buffer> {
    for (;;) {
      const index = this.#heard.findIndex(fits);
      const [frame] = index < 0 ? [] : this.#heard.splice(index, 1);
      if (frame) return frame.data;
      await new Promise<void>((resolve) => {
        const woken = this.#woken;
        this.#woken = () => {
          woken();
          resolve();
        };
      });
    }
  }
}
