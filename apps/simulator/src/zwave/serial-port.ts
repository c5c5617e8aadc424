import { createServer, type Server, type Socket } from "node:net";
import { SerialAPIParser, ZWaveSerialFrameType } from "@zwave-js/serial";
import { MockPort } from "@zwave-js/serial/mock";

/** A mocked serial port that one TCP client at a time is plugged into. */
export interface SerialPort {
  readonly mockPort: MockPort;
  readonly port: number;
  /** Ends the connection and takes none. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** `onConnect` is told of each new client, before its first byte. */
export async function openSerialPort(host: string, wantedPort: number, onConnect: () => void): Promise<SerialPort> {
  const mockPort = new MockPort();
  const binding = await mockPort.factory()();
  const toController = new WritableStream(binding.sink).getWriter();
  let client: Socket | undefined;
  const outbound = new WritableStream<Uint8Array>({ write: (chunk) => void client?.write(chunk) });
  new ReadableStream(binding.source).pipeTo(outbound).catch(() => undefined);

  let server: Server | undefined;
  let port = wantedPort;
  const plug = (socket: Socket) => {
    // A stick is in one machine: who comes last has it.
    client?.destroy();
    client = socket;
    // Each answer is a few bytes: with Nagle's algorithm every one of them would wait for the client's delayed ACK.
    socket.setNoDelay(true);
    onConnect();
    const parser = new SerialAPIParser();
    const bytes = parser.writable.getWriter();
    const frames = new WritableStream({
      write(frame: { type: ZWaveSerialFrameType; data: unknown }) {
        if (frame.type !== ZWaveSerialFrameType.SerialAPI || client !== socket) return;
        const data = typeof frame.data === "number" ? Uint8Array.of(frame.data) : frame.data;
        return data instanceof Uint8Array ? toController.write(Uint8Array.from(data)) : undefined;
      },
    });
    parser.readable.pipeTo(frames).catch(() => socket.destroy());
    socket.on("data", (chunk) => void bytes.write(chunk).catch(() => socket.destroy()));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (client === socket) client = undefined;
      bytes.close().catch(() => undefined);
    });
  };
  const restore = async () => {
    if (server) return;
    const listening = createServer(plug);
    await new Promise<void>((resolve, reject) => {
      listening.once("error", reject);
      listening.listen(port, host, resolve);
    });
    server = listening;
    const address = listening.address();
    if (address && typeof address === "object") port = address.port;
  };
  const cut = async () => {
    const closing = server;
    server = undefined;
    client?.destroy();
    client = undefined;
    if (closing) await new Promise((resolve) => closing.close(resolve));
  };
  await restore();
  return { mockPort, port, cut, restore, close: cut };
}
