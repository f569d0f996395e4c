import type { Inbound } from '../../chat/inbound.ts'
import type { JsonBody } from '../../json-body.ts'
import { activityShape } from './activity.ts'
import type { TeamsRouter } from './application.ts'

/** A stored activity as what it means. */
export const createReader =
  (router: TeamsRouter) =>
  async (payload: JsonBody): Promise<Inbound | undefined> => {
    const activity = activityShape.safeParse(payload).data
    return activity && router.read(activity)
  }
