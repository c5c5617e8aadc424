/** A type of virtual Matter devices, without what matter.js needs to play it. */
export interface MatterType {
  name: string;
  /** Matter's own name of the device. */
  product: string;
}

export const matterTypes: readonly MatterType[] = [
  { name: "on-off-light", product: "On/Off Light" },
  { name: "dimmable-light", product: "Dimmable Light" },
  { name: "plug", product: "On/Off Plug-in Unit" },
  { name: "contact-sensor", product: "Contact Sensor" },
  { name: "temperature-sensor", product: "Temperature Sensor" },
  { name: "door-lock", product: "Door Lock" },
];
