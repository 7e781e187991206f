import { PilotError } from '@pilotjs/core'
import { valuePart } from '@pilotjs/core/parts'
import type { Task } from '@pilotjs/core'
import type { Part } from '@pilotjs/core/parts'

/** Which classes are in the weights of a network that the first task adapts: what they left there cannot be taken out again. */
export interface TrainedClasses extends Part {
  /** The classes of this task train the network. */
  note(task: Task): void
  /** This change to classes, refused (PilotError `class-in-weights`) where one of them trained the network. */
  outside<Result>(change: (...labels: number[]) => Result): (...labels: number[]) => Result
}

export function trainedClasses(): TrainedClasses {
  // The first task's labels begin at 0. Those behind them may go, so that these keep their places.
  const classes = valuePart<number>(0)
  return {
    ...classes,
    json: () => classes.value,
    note(task) {
      classes.value = task.classesAfter
    },
    outside:
      (change) =>
      (...labels) => {
        const inside = labels.find((label) => label < classes.value)
        if (inside === undefined) return change(...labels)
        throw new PilotError(
          'class-in-weights',
          `class ${inside} came with the first task, which adapted the network: what it left in the weights cannot be taken out. ` +
            "With the option tuning: 'none' nothing is adapted",
          { label: inside, option: 'tuning' },
        )
      },
  }
}
