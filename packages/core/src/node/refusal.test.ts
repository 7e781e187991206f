import { expect, it } from 'vitest'
import { refusalOf } from './refusal'

const error = (code: string, cause?: unknown) => Object.assign(new Error(code, { cause }), cause ? {} : { code })

it('says why the file system refused and what to do, with the option that names another folder', () => {
  expect(refusalOf(error('ENOSPC'), '--out')).toBe('the disk is full: free some space')
  expect(refusalOf(error('EACCES'))).toBe('permission denied: choose another folder')
  expect(refusalOf(error('EROFS'), '--out')).toBe('the file system is read-only: choose another folder (--out)')
  expect(refusalOf(new Error('cannot write', { cause: error('EIO') }))).toContain('input/output error')
})

it('knows what is no refusal', () => {
  expect(refusalOf(new Error('broke off'))).toBeUndefined()
  expect(refusalOf(error('EWHATEVER'))).toBeUndefined()
  expect(refusalOf('text')).toBeUndefined()
})
