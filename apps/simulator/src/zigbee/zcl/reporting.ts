import type { Clock } from "@hearth/base";
import type { ZclValue } from "./data-types.ts";

export interface ReportingConfiguration {
  /** Seconds between two reports at least. */
  minimum: number;
  /** Seconds between two reports at most; 0: only changes are reported. */
  maximum: number;
  /** By how much an analog value must have moved. */
  change: number;
}

interface Configured extends ReportingConfiguration {
  analog: boolean;
  reported: ZclValue;
  at: number;
  cancel: () => void;
  cancelMaximum: () => void;
}

interface Deps {
  clock: Clock;
  value(attribute: number): ZclValue;
  /** One frame for them all. */
  report(attributes: number[]): void;
}

/** When a cluster's attributes are to be reported: by minimum and maximum interval and reportable change (ZCL 2.5.11). */
export class Reporting {
  readonly #deps: Deps;
  readonly #configured = new Map<number, Configured>();
  readonly #due = new Set<number>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  configure(attribute: number, analog: boolean, configuration: ReportingConfiguration): void {
    this.remove(attribute);
    const configured = {
      ...configuration,
      analog,
      reported: this.#deps.value(attribute),
      // The minimum interval lies between two reports: the first waits for nothing.
      at: Number.NEGATIVE_INFINITY,
      cancel: () => {},
      cancelMaximum: () => {},
    };
    this.#configured.set(attribute, configured);
    this.#awaitMaximum(attribute, configured);
  }

  of(attribute: number): ReportingConfiguration | undefined {
    return this.#configured.get(attribute);
  }

  all(): [attribute: number, ReportingConfiguration][] {
    return [...this.#configured];
  }

  remove(attribute: number): void {
    const configured = this.#configured.get(attribute);
    configured?.cancel();
    configured?.cancelMaximum();
    this.#configured.delete(attribute);
    this.#due.delete(attribute);
  }

  clear(): void {
    for (const attribute of [...this.#configured.keys()]) this.remove(attribute);
  }

  /** Ends its timers. */
  stop(): void {
    for (const { cancel, cancelMaximum } of this.#configured.values()) {
      cancel();
      cancelMaximum();
    }
  }

  changed(attribute: number): void {
    const configured = this.#configured.get(attribute);
    if (!configured || !this.#hasMoved(attribute, configured)) return;
    const { clock } = this.#deps;
    const wait = configured.at + configured.minimum * 1000 - clock.now();
    if (wait <= 0) {
      this.#due.add(attribute);
      return;
    }
    configured.cancel();
    configured.cancel = clock.after(wait, () => {
      if (!this.#hasMoved(attribute, configured)) return;
      this.#due.add(attribute);
      this.flush();
    });
  }

  /** Sends what became due: all that one command or one hand changed goes in one frame. */
  flush(): void {
    if (this.#due.size === 0) return;
    const attributes = [...this.#due];
    this.#due.clear();
    const { clock, value, report } = this.#deps;
    for (const attribute of attributes) {
      const configured = this.#configured.get(attribute);
      if (!configured) continue;
      configured.reported = value(attribute);
      configured.at = clock.now();
      configured.cancel();
      this.#awaitMaximum(attribute, configured);
    }
    report(attributes);
  }

  #awaitMaximum(attribute: number, configured: Configured): void {
    configured.cancelMaximum();
    if (configured.maximum === 0) return;
    configured.cancelMaximum = this.#deps.clock.after(configured.maximum * 1000, () => {
      this.#due.add(attribute);
      this.flush();
    });
  }

  #hasMoved(attribute: number, configured: Configured): boolean {
    const value = this.#deps.value(attribute);
    if (!configured.analog || configured.change <= 0) return value !== configured.reported;
    return Math.abs(Number(value) - Number(configured.reported)) >= configured.change;
  }
}
