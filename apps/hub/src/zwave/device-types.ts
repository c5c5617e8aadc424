/** Names of device types as Matter has them, by the generic device class and, where it matters, the specific one. */
const generics = new Map<number, string>([
  [0x03, "Speaker"],
  [0x07, "Contact Sensor"],
  [0x08, "Thermostat"],
  [0x10, "On/Off Plug-in Unit"],
  [0x11, "Dimmable Light"],
  [0x20, "Contact Sensor"],
  [0x21, "Temperature Sensor"],
  [0x31, "Electrical Sensor"],
  [0x40, "Door Lock"],
]);

const specifics = new Map<string, string>([
  ["16/5", "On/Off Light"],
  ["17/3", "Window Covering"],
  ["17/5", "Window Covering"],
  ["17/6", "Window Covering"],
  ["17/7", "Window Covering"],
]);

export const deviceTypeName = ({ generic, specific }: { generic: number; specific: number }): string =>
  specifics.get(`${generic}/${specific}`) ??
  generics.get(generic) ??
  `Z-Wave ${generic.toString(16).padStart(2, "0")}${specific.toString(16).padStart(2, "0")}`;
