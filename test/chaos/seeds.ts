/** `npm run chaos` tries 20 other moments of everything (CHAOS_SEEDS); `CHAOS_SEED=123` repeats one of them. */
const given = process.env.CHAOS_SEED
const count = Number(process.env.CHAOS_SEEDS ?? 0)

/** More of everything than a developer waits for. */
export const thorough = count > 0

export const seeds: number[] = given
  ? [Number(given)]
  : thorough
    ? Array.from({ length: count }, () => Math.floor(Math.random() * 1e9))
    : [20_261]
