import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** One line that the light prints. */
export interface LightEvent {
  event: string;
  [member: string]: unknown;
}

const MAIN = fileURLToPath(new URL("../../../../examples/light/src/main.ts", import.meta.url));

/** By its place, not its name: that would be looked for where the command is typed. */
const LOADER = import.meta.resolve("tsx");

/** `examples/light` as a process of its own. */
export class LightProcess {
  readonly #child: ChildProcess;
  readonly #events: LightEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #errors = "";
  #exited = false;

  constructor(options: Readonly<Record<string, string>>) {
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    this.#child = spawn(process.execPath, ["--import", LOADER, MAIN, ...flags], { stdio: ["pipe", "pipe", "pipe"] });
    const { stdout, stderr } = this.#child;
    if (stdout) {
      createInterface({ input: stdout }).on("line", (line) => {
        try {
          this.#events.push(JSON.parse(line) as LightEvent);
        } catch {
          this.#errors += `${line}\n`;
        }
        this.#wake();
      });
    }
    stderr?.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4000);
    });
    this.#child.on("exit", () => {
      this.#exited = true;
      this.#wake();
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** The next event of this name that was not waited for before. */
  async next(name: string, timeout = 20_000): Promise<LightEvent> {
    const end = Date.now() + timeout;
    for (;;) {
      const index = this.#events.findIndex((event) => event.event === name);
      if (index >= 0) return this.#events.splice(0, index + 1).at(-1) as LightEvent;
      const left = end - Date.now();
      if (this.#exited || left <= 0) {
        const why = this.#exited ? "ended" : `said nothing for ${timeout / 1000} s`;
        throw new Error(`the light ${why} before "${name}"${this.#errors ? `:\n${this.#errors}` : ""}`);
      }
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.#waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        this.#waiting.add(done);
      });
    }
  }

  /** Somebody presses the light's own switch. */
  flip(): void {
    this.#child.stdin?.write("flip\n");
  }

  async stop(): Promise<void> {
    if (this.#exited) return;
    const exit = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await exit;
    clearTimeout(timer);
  }
}
