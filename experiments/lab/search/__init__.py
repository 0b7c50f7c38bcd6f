"""keras-tuner's searches: oracles, the chief and its workers, the campaign that hands trials out.

Only `building` imports it. It knows how runs are trained and stored, and must not know sections, records
or the report.
"""
