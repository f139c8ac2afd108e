"""An archive whose host burnt down, made again: its leaves from a witness's copy, their bytes from whoever has them.

A witness copies every entry before it cosigns it, nodes keep what they sent, desks what they mirror. Put together they
give the same leaves in the same order under the same root; what bytes nobody has any more is told, and its leaf stays.
`contents` gathers bytes, `page` writes leaves, `rebuild` does it all in order, and goes on where it was interrupted.
"""
