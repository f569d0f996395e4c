/** A bounded cache whose entries expire; the oldest go first. Work for one key is done once at a time. */
export const createExpiring = <T>(options: { most: number; milliseconds: number }) => {
  const entries = new Map<string, { value: Promise<T>; until: number }>()
  return {
    async get(key: string, load: () => Promise<T>): Promise<T> {
      const found = entries.get(key)
      if (found && found.until > Date.now()) return found.value
      entries.delete(key)
      for (const oldest of entries.keys()) {
        if (entries.size < options.most) break
        entries.delete(oldest)
      }
      const entry = { value: load(), until: Date.now() + options.milliseconds }
      entries.set(key, entry)
      entry.value.catch(() => entries.get(key) === entry && entries.delete(key))
      return entry.value
    },
    drop(key: string): void {
      entries.delete(key)
    },
    clear(): void {
      entries.clear()
    },
  }
}
