import { byCommand } from './by-command.ts'
import { walked } from './registry.ts'

byCommand(walked.filter(({ operation }) => operation.subject === 'incident'))
