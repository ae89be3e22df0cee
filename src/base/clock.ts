/** Milliseconds since 1970-01-01T00:00:00Z: how an instant is written everywhere. */
export type Instant = number

/** Says what time it is. Domain code takes it as an argument and never asks the system. */
export type Clock = () => Instant

/** The machine's clock: the one place that reads it. */
export const systemClock: Clock = () => Date.now()

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour
