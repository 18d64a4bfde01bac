"""Common given names.

Needed when a recogniser writes no capitals: a word after a greeting counts as a name only if it is in this list.
"""

from __future__ import annotations

from dayline.scoring.facts.grammar import words

GIVEN_NAMES = words("""
    aaron abby abdul adam adrian agnes ahmed aidan alan albert alec alejandro alex alexa alexander alexandra
    alexis alfie alfred ali alice alicia alina alison allen alma amanda amber amelia amir amit amy ana andrea
    andrew andy angela angie angus anita ann anna anne annette annie anthony antonio archie ariel arjun arlene
    arnold arthur ashley audrey barbara barry bart beatrice becky ben benjamin bernadette bernard bernie bert
    beth betty beverly bianca bill billy bob bobby bonnie boris brad bradley brandon brenda brendan brent brett
    brian bridget bruce bryan caleb calvin cameron camila carl carla carlos carmen carol caroline carolyn carrie
    casey catherine cathy cecilia charlene charles charlie charlotte chelsea cheryl chloe chris christian
    christina christine christopher chuck cindy claire clara clarence claudia clifford clint clive cody colin
    colleen connie connor conor constance corey courtney craig crystal curtis cynthia daisy dale damian damon
    dana daniel daniela danielle danny darla darlene darnell darren darryl dave david dawn dean deanna debbie
    deborah debra declan deepak delia della denise dennis derek desmond devon diana diane diego dominic don
    donald donna dora doreen doris dorothy doug douglas duncan dustin dylan dwayne earl eddie edgar edith edward
    edwin eileen elaine eleanor elena eli elias elijah elizabeth ella ellen ellie elliot elsie emily emlyn emma
    emmanuel enrique eric erica erik erin ernest esther ethan ethel eugene eva evan evelyn fatima fay felix
    fernando fiona florence fran frances francesca francis francisco frank franklin fred freddie frederick
    gabriel gabriela gail gareth gary gavin gemma gene geoff geoffrey george georgia gerald geraldine gerard
    gerry gilbert gina giovanni gladys glen glenda glenn gloria gordon graham grant greg gregory greta gus gwen
    hannah harold harriet harry harvey hassan hazel heather hector helen helena henry herbert hilda holly howard
    hugh hugo ian ibrahim ida imran irene iris isaac isabel isabella ivan ivy jack jackie jackson jacob
    jacqueline jade jake jamal james jamie jan jane janet janice janine jared jasmine jason javier jay jean
    jeanette jeff jeffrey jenna jennifer jenny jeremy jerome jerry jess jesse jessica jessie jill jim jimmy joan
    joann joanna joanne joe joel john johnny jon jonas jonathan jordan jorge jose joseph josephine josh joshua
    josie joyce juan juanita judith judy julia julian julie june justin karen karl kate katherine kathleen
    kathryn kathy katie kay kayla keith kelly kelvin ken kenneth kenny kerry kevin khalid kieran kim kimberly
    kirsty kurt kyle lance larry laura lauren laurence laurie lawrence leah leanne lee lena leo leon leonard
    leroy leslie lester lewis liam lillian lily linda lindsay lindsey lionel lisa liz lloyd lois lola lorna
    lorraine lou louis louise lucas lucia lucy luis luke luther lydia lyle lynn lynne mabel mack maggie malcolm
    mandy manuel marcia marcus margaret maria marian marianne marie marilyn mario marion marjorie marla marlene
    marsha martha martin marvin mary mateo matt matthew maureen maurice mavis max maxine megan mehmet mel
    melanie melinda melissa mercedes michael michaela michelle miguel mike mildred miranda mitch mitchell
    mohamed mohammed moira molly monica morgan moses muriel murray myra myrtle nadia nancy naomi natalie natasha
    nathan neil nellie nelson nestor nick nicola nicolas nicole nigel nina noah noel nora norma norman norris
    olga oliver olivia omar oscar owen pablo pam pamela pat patricia patrick patsy patty paul paula pauline
    pearl pedro peggy penelope penny pete peter petra phil philip phoebe phyllis pierre piotr polly preston
    priya quan quentin rachel rafael raj ralph ramon randall randy raquel raul ravi ray raymond rebecca reggie
    reginald rene renee reyna rhonda ricardo richard rick ricky rita rob robbie robert roberta roberto robin rod
    roderick rodney roger roland ron ronald ronnie rosa rosalind rosemary rosie roxanne roy ruben ruby rudy
    russell ruth ryan sabrina sadie sally sam samantha samir samuel sandra sandy sanjay sara sarah saul scott
    sean sergio seth shane shannon sharon shaun shauna shawn sheila shelley shirley sian sidney simon simone
    sofia sonia sophia sophie spencer stacey stacy stan stanley stella stephanie stephen steve steven stewart
    stuart sue sunil susan susie suzanne sylvia tamara tammy tanya tara tariq ted terence teresa terrance
    terrence terry theo theodore theresa thelma thomas tiffany tim timothy tina toby todd tom tommy toni tony
    tracey tracy travis trevor tricia troy tyler tyrone ursula valerie vanessa vera verna vernon veronica vicky
    victor victoria vince vincent viola violet virginia vivian wade wallace wally walter wanda warren wayne
    wendell wendy wesley wilbur wilfred willie wilma winnie winston xavier yasmin yesenia yolanda yusuf yvette
    yvonne zach zachary zara zoe
    """)
