/** The plug-in of the hub's own, loaded only where `--custom` names it: its library takes much memory. */
export const MATTER = "matter";
