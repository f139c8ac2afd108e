"""One inbox and one clock: what is asked of which body until which day, who has answered, who is late.

`asking` reads what a notice asks; `clock` counts days; `standing` tells from a thread who has answered; all three are
pure. `rows` keeps what is asked in two tables as the mirror takes it in; `search` finds it again for one reader.
"""
