/** The classes of every task, which follow one another, from how many each brought. */
export function classRanges(sizes: readonly number[]): number[][] {
  let first = 0
  return sizes.map((size) => {
    const range = Array.from({ length: size }, (_, i) => first + i)
    first += size
    return range
  })
}
