import type { Clock } from "@hearth/base";

/**
 * Milliseconds between looks whether a stick still answers, and for its answer. A stick may hang while its port, or
 * the server that it is behind, is well; two silences in a row are its end.
 */
const LOOK = 25_000;
const ANSWER = 10_000;

/**
 * Asks the stick again and again by `ping`, which resolves when it answers, and calls `silent` once when it does not any
 * more. The returned function ends that.
 */
export function watchStick(clock: Clock, ping: () => Promise<void>, silent: () => void): () => void {
  let over = false;
  let cancel = () => {};

  function look(wait: number, silences: number): void {
    cancel = clock.after(wait, () => {
      let said = false;
      const say = (answered: boolean) => {
        if (said || over) return;
        said = true;
        cancel();
        if (answered) look(LOOK, 0);
        else if (silences === 0) look(0, 1);
        else silent();
      };
      cancel = clock.after(ANSWER, () => say(false));
      ping().then(
        () => say(true),
        () => say(false),
      );
    });
  }

  look(LOOK, 0);
  return () => {
    over = true;
    cancel();
  };
}
