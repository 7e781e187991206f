/** Numbers that all generators of the process have drawn; it only ever grows. */
let drawn = 0

/** How many numbers have been drawn so far: whoever compares it before and after knows whether something is random. */
export const numbersDrawn = (): number => drawn

export function countDraw(): void {
  drawn++
}
