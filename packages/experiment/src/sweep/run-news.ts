import type { LearnEvent } from '../learn-run'
import type { RunNews } from './sweep-run'

/** Milliseconds between two words on a task's progress. */
const PACE = 500

/**
 * Tells of a run what one wants to know from afar: every task, and now and then what is going on inside it.
 * @param now milliseconds
 */
export function newsOf(tell: (news: RunNews) => void, now: () => number = () => performance.now()) {
  let told = -Infinity
  const progress = (news: RunNews) => {
    if (now() - told < PACE) return
    told = now()
    tell(news)
  }
  return (event: LearnEvent): void => {
    if (event.kind === 'note') return tell({ kind: 'note', message: event.message })
    const { kind, task } = event
    if (kind === 'task') return progress({ kind: 'progress', task, activity: 'starting' })
    if (kind === 'scoring') return progress({ kind: 'progress', task, activity: 'scoring' })
    if (kind === 'scored') {
      const { learnSeconds, scoreSeconds } = event.cost
      return tell({ kind, task, accuracy: event.record.accuracy, seconds: learnSeconds + scoreSeconds })
    }
    const inner = event.event
    // Notes of a task are in its record; of hundreds of tasks they would be all that one sees.
    if (inner.kind === 'note') return
    if (inner.kind === 'features') return progress({ kind: 'progress', task, activity: 'features' })
    if (inner.kind === 'phase') return progress({ kind: 'progress', task, activity: inner.phase })
    const { phase, epoch, epochs, loss } = inner
    progress({ kind: 'progress', task, activity: `${phase} ${epoch + 1}/${epochs}`, loss })
  }
}
