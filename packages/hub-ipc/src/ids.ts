/** Ids of the reference (10.8), under its names. */

/** A command to a device: "send request from routine engine". */
export const IOTMI_IPC_SVC_SEND_REQ_FROM_RE = 32;
/** What a device's state is: "send query from routine engine". */
export const IOTMI_IPC_SVC_SEND_QUERY_FROM_RE = 33;
/** Changes of devices and responses to commands. */
export const IOTMI_IPC_EVENT_DEVICE_UPDATE_TO_RE = 3;
/** Subscribers that there may be at the same time. */
export const IOTMI_IPC_MAX_SUBSCRIBER = 5;
/** Requests of one connection that the hub has not answered yet. */
export const IOTMI_IPC_MAX_REQUESTS = 16;
/** Event ids are smaller than this: each subscriber has a mask of 32 bits. */
export const IOTMI_IPC_EVENT_PUBLIC_END = 32;

/** `status` of an answer. */
export const IOTMI_STATUS_OK = 0;
/** The request is not as docs/hub-ipc.md says; `message` says what is wrong. */
export const IOTMI_STATUS_BAD_REQUEST = 1;
/** No service of that number. */
export const IOTMI_STATUS_NO_SUCH_SERVICE = 2;
/** There is no connection to the hub, or it broke before the answer came. Of the client alone. */
export const IOTMI_STATUS_NOT_CONNECTED = 3;
/** The hub has no valid local token; `reply` says so in the reference's words. */
export const IOTMI_STATUS_NO_TOKEN = 4;
/** Five subscribers are there already. */
export const IOTMI_STATUS_TOO_MANY_SUBSCRIBERS = 5;
/** An event id is not from 0 to 31. */
export const IOTMI_STATUS_NO_SUCH_EVENT = 6;
/** Too many connections or requests at once: try again later. */
export const IOTMI_STATUS_BUSY = 7;
/** A part of the hub does not answer: it is restarting, or was not started. */
export const IOTMI_STATUS_UNAVAILABLE = 8;
